"""The rules of each family of transactions: from the values of a request to a draft that balances, or a refusal."""
