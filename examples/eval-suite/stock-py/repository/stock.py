"""What lies in the warehouse: a name, how many there are, and the price of one."""


def add(stock, name, count, price):
    """A new stock with `count` more of an article, at its latest price."""
    before = stock.get(name, (0, price))[0]
    return {**stock, name: (before + count, price)}
