"""JSR: modules for deno, publishing, management of scopes, and npm compatibility."""
