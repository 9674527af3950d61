"""Pages for maintainers: upload, yank, delete, owners, rights."""
