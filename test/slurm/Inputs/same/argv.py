import json
import sys

json.dump(sys.argv[2:], open(sys.argv[1], "w"))
