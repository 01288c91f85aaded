"""What `medlemsflyt doctor` looks at: a deployment, part by part, and what is to be mended."""
