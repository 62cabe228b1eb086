"""The road: mitmproxy's hooks, what is never decrypted, the certificate authority, and the overlay's injection."""
