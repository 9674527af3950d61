"""``python -m pypicloud_like.cli``"""

import sys

from pypicloud_like.cli.main import main

sys.exit(main())
