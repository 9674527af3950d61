"""Pages for administrators: people, rights, the index, storage, upstreams, the audit."""
