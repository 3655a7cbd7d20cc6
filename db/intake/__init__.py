"""Reading what people bring: files in many formats and encodings become frames with our column names."""
