"""What the Flask and the Django page show: the same data through the same template."""

TITLE = "Books & papers"
ITEMS = [
    {"name": "Book <%d>" % number, "price": "%d.50" % (10 + number), "in_stock": number % 3 != 0}
    for number in range(1, 21)
]
