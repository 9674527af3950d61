"""What the JSON APIs look like to programs: OpenAPI documents made of the routes and of typed bodies."""
