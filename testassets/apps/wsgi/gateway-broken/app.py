import nowhere_to_be_found

app = nowhere_to_be_found.app
