"""The bundle on one machine: real services, a gateway and demo data, without AWS, Docker or accounts."""
