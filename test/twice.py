"""How lit runs a test here: what fails is tried once more, and what the first try said stays in the result."""

import lit.formats
import lit.Test


class Twice(lit.formats.ShTest):
    """`lit -D tries=1` tries once, for whoever looks for what fails now and then."""

    def __init__(self, tries):
        super().__init__(execute_external=False)
        self.tries = tries

    def execute(self, test, lit_config):
        result = super().execute(test, lit_config)
        if result.code is not lit.Test.FAIL or self.tries < 2:
            return result
        second = super().execute(test, lit_config)
        if second.code is lit.Test.PASS:
            return lit.Test.Result(lit.Test.FLAKYPASS, result.output)
        return lit.Test.Result(second.code, f"{result.output}\nand at the second try:\n\n{second.output}")
