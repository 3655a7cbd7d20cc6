"""Wall screens: what each scene shows, the page that shows it, and the screens themselves."""
