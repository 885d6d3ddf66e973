"""The tests are a package: each module that several of them share is imported once, by one name."""
