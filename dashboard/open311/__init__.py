"""The public door of the GeoReport v2 standard: discovery, services, requests, in XML and JSON."""
