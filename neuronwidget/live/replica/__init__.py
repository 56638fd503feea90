"""What passes run on: a copy of the user's module that shares its parameters, and notices when it changes."""
