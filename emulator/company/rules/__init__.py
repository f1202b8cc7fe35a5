"""The rules of transactions, by family: each turns a form into a draft, or refuses it. `RULES` is the table of them."""
