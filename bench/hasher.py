"""The Argon2id of the house as Django's own sign-in calls it, for the twin."""

from django.contrib.auth.hashers import BasePasswordHasher

from keys.kdf import Parameters, stretch


class Argon2idHasher(BasePasswordHasher):
    algorithm = "argon2id"

    def encode(self, password: str, salt: str) -> str:
        return f"{self.algorithm}${salt}${stretch(password, Parameters(salt[:16].encode())).hex()}"

    def verify(self, password: str, encoded: str) -> bool:
        return self.encode(password, encoded.split("$")[1]) == encoded
