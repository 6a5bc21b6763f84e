"""What clients are told and agree to: the limits of confidentiality, as data, signed and provable."""
