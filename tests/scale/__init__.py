"""Several servers over one database and one store, under load."""
