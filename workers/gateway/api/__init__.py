"""The API of other systems, with an OpenAPI document that is made from the models."""
