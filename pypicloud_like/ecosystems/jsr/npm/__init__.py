"""JSR packages as npm, pnpm and yarn install them: converted once, kept beside the version."""
