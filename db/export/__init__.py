"""What leaves the record: exactly the scope asked for, in a file that says where it comes from."""
