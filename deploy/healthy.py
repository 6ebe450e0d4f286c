"""``python healthy.py URL`` ends with 0 if something answers there that all is well; the image has no curl."""

import sys
import urllib.request

if __name__ == "__main__":
    with urllib.request.urlopen(sys.argv[1], timeout=15) as answer:  # noqa: S310 - the address is ours
        sys.exit(b'"unhealthy"' in answer.read())
