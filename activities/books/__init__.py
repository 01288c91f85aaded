"""The books as the accounting reads them."""
