"""Arithmetic on scalars of any type, on the host and in bodies of device ops.

Every value is defined: divisors are guarded, shifts are shorter than their
operand, and floats that become integers are small."""

from random_text import FLOATS, INTS, SCALARS, WIDTHS, Text

FLOAT_PREDICATES = ("olt", "ole", "ogt", "oge", "oeq", "one", "ult", "ule", "ugt",
                    "uge", "ueq", "une", "ord", "uno")
INT_PREDICATES = ("eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")


class Scalars(Text):
    """Scalars in scope, conversions and expressions."""

    # -- Values ----------------------------------------------------------------

    def literal(self, elt):
        if elt == "i1":
            return self.choose(("true", "false"))
        if elt in FLOATS:
            # Exact in every type.
            return repr(self.random.randint(-24, 24) / 8 + 0.0625)
        if elt != "index" and self.chance(0.1):
            most = 1 << (WIDTHS[elt] - 1)
            return str(self.choose((most - 1, -most, most // 3, -most // 5)))
        return str(self.random.randint(-5, 5))

    def constant(self, elt, literal=None):
        typed = "" if elt == "i1" else f" : {elt}"
        return self.value(f"arith.constant {literal or self.literal(elt)}{typed}")

    def number(self, elt, number):
        """The constant `number`, an integer, of any type but i1."""
        return self.constant(elt, f"{number}.0" if elt in FLOATS else str(number))

    def scalar(self, elt):
        """A host scalar of a type, from what there is if possible: mostly from
        what was read back or computed last, so that values are used."""
        recent = self.scalars[-3:]
        if recent and self.chance(0.45):
            return self.convert(*self.choose(recent), elt)
        same = [name for name, type in self.scalars if type == elt]
        if same and self.chance(0.7):
            return self.choose(same)
        if self.scalars and self.chance(0.7):
            return self.convert(*self.choose(self.scalars), elt)
        return self.constant(elt)

    # -- Conversions -----------------------------------------------------------

    def tame(self, name, elt):
        """The float `name` as an integer from -4 to 4: never NaN, never -0."""
        low, high, zero = (self.number(elt, n) for n in (-4, 4, 0))
        name = self.value(f"arith.maxnumf {name}, {low} : {elt}")
        name = self.value(f"arith.minnumf {name}, {high} : {elt}")
        name = self.value(f"math.roundeven {name} : {elt}")
        return self.value(f"arith.addf {name}, {zero} : {elt}")

    def convert(self, name, source, target):
        """A scalar as another type, in one of the ways that are defined."""
        if source == target:
            return name
        if source in FLOATS and target in FLOATS:
            return self.float_to_float(name, source, target)
        if source in FLOATS:
            return self.float_to_int(name, source, target)
        if target in FLOATS:
            if source == "index":
                name, source = self.value(f"arith.index_cast {name} : index to i64"), "i64"
            op = self.choose(("sitofp", "uitofp"))
            return self.value(f"arith.{op} {name} : {source} to {target}")
        if "index" in (source, target):
            op = self.choose(("index_cast", "index_castui"))
        elif WIDTHS[source] < WIDTHS[target]:
            op = self.choose(("extsi", "extui"))
        else:
            op = "trunci"
        return self.value(f"arith.{op} {name} : {source} to {target}")

    def float_to_float(self, name, source, target):
        if WIDTHS[source] == WIDTHS[target]:
            name, source = self.value(f"arith.extf {name} : {source} to f32"), "f32"
        op = "extf" if WIDTHS[source] < WIDTHS[target] else "truncf"
        return self.value(f"arith.{op} {name} : {source} to {target}")

    def float_to_int(self, name, source, target):
        if target == "i1":
            limit = self.constant(source)
            return self.value(f"arith.cmpf ogt, {name}, {limit} : {source}")
        same_width = [t for t in INTS if t == target and WIDTHS[t] == WIDTHS[source]]
        name = self.tame(name, source)
        if same_width and self.chance(0.2):
            return self.value(f"arith.bitcast {name} : {source} to {target}")
        op = "fptosi"
        if self.chance(0.3):
            name, op = self.value(f"math.absf {name} : {source}"), "fptoui"
        if target != "index":
            return self.value(f"arith.{op} {name} : {source} to {target}")
        name = self.value(f"arith.{op} {name} : {source} to i64")
        return self.value(f"arith.index_cast {name} : i64 to index")

    # -- Expressions -----------------------------------------------------------

    def compare(self, a, b, elt):
        op = "cmpf" if elt in FLOATS else "cmpi"
        predicate = self.choose(FLOAT_PREDICATES if elt in FLOATS else INT_PREDICATES)
        return self.value(f"arith.{op} {predicate}, {a}, {b} : {elt}")

    def expression(self, operands, elt, on_host=False):
        """Arithmetic on scalars of one type, on the host or in a body."""
        a, b, c = (self.choose(operands) for _ in range(3))
        if self.chance(0.12):
            return self.value(f"arith.select {self.compare(a, b, elt)}, {c}, {a} : {elt}")
        if elt == "i1":
            op = self.choose(("andi", "ori", "xori", "compare"))
            if op == "compare":
                return self.compare(a, b, elt)
            return self.value(f"arith.{op} {a}, {b} : i1")
        if elt in FLOATS:
            return self.float_expression(a, b, c, elt)
        return self.int_expression(a, b, elt, on_host)

    def float_expression(self, a, b, c, elt):
        binary = ["addf", "subf", "mulf", "maximumf", "minimumf", "maxnumf", "minnumf"]
        others = ["negf", "absf", "sqrt", "divf", "copysign", "convert"]
        if self.is_exact:
            # None of these forgives an error of its operands.
            others += ["floor", "ceil", "round", "roundeven", "trunc", "remf"]
            others += ["fma"] if elt in ("f32", "f64") else []
        else:
            others += ["exp", "tanh", "sin", "log1p"]
        op = self.choose(binary * 2 + others)
        if op in binary:
            return self.value(f"arith.{op} {a}, {b} : {elt}")
        if op == "negf":
            return self.value(f"arith.negf {a} : {elt}")
        if op == "convert":
            # Rounds to a narrower type, or to an integer, and back.
            other = self.choose([t for t in FLOATS + INTS if t != elt])
            return self.convert(self.convert(a, elt, other), other, elt)
        if op == "fma":
            return self.value(f"math.fma {a}, {b}, {c} : {elt}")
        if op == "copysign":
            # Which zero a value is may be open, such as maxnumf of both.
            zero = self.number(elt, 0)
            b = self.value(f"arith.addf {b}, {zero} : {elt}")
            return self.value(f"math.copysign {a}, {b} : {elt}")
        if op in ("divf", "remf"):
            half = self.constant(elt, "0.5")
            b = self.value(f"math.absf {b} : {elt}")
            b = self.value(f"arith.addf {b}, {half} : {elt}")
            return self.value(f"arith.{op} {a}, {b} : {elt}")
        if op in ("sqrt", "log1p"):
            a = self.value(f"math.absf {a} : {elt}")
        if op in ("exp", "sin"):
            high = self.number(elt, 4)
            a = self.value(f"arith.minimumf {a}, {high} : {elt}")
            low = self.number(elt, -4)
            a = self.value(f"arith.maximumf {a}, {low} : {elt}")
        return self.value(f"math.{op} {a} : {elt}")

    def int_expression(self, a, b, elt, on_host):
        binary = ["addi", "subi", "muli", "andi", "ori", "xori", "maxsi", "minsi",
                  "maxui", "minui"]
        signed = ["divsi", "remsi", "ceildivsi", "floordivsi"]
        unsigned = ["divui", "remui", "ceildivui"]
        shifts = ["shli", "shrsi", "shrui"]
        others = ["absi", "ctpop", "ctlz", "cttz", "mulsi_extended", "mului_extended",
                  "addui_extended", "convert"]
        groups = [binary, binary, signed, unsigned, shifts]
        groups += [others] if elt != "index" else []
        op = self.choose(self.choose(groups))
        if op in shifts:
            mask = self.number(elt, min(WIDTHS[elt], 64) - 1)
            b = self.value(f"arith.andi {b}, {mask} : {elt}")
        elif op in signed + unsigned:
            return self.division(op, a, b, elt, op in signed, on_host)
        elif op in ("absi", "ctpop", "ctlz", "cttz"):
            return self.value(f"math.{op} {a} : {elt}")
        elif op == "convert":
            other = self.choose([t for t in INTS + ("i1", "index") if t != elt])
            return self.convert(self.convert(a, elt, other), other, elt)
        elif "extended" in op:
            low, high = self.name(), self.name()
            types = f"{elt}, i1" if op == "addui_extended" else elt
            self.emit(f"{low}, {high} = arith.{op} {a}, {b} : {types}")
            return self.choose((low, high)) if types == elt else low
        return self.value(f"arith.{op} {a}, {b} : {elt}")

    def division(self, op, a, b, elt, is_signed, on_host):
        """A division by `b` where `b` is positive, unguarded or in a branch."""
        if not on_host or self.chance(0.3):
            one = self.number(elt, 1)
            b = self.value(f"arith.{'maxsi' if is_signed else 'maxui'} {b}, {one} : {elt}")
            return self.value(f"arith.{op} {a}, {b} : {elt}")
        zero, result = self.number(elt, 0), self.name()
        test = self.value(f"arith.cmpi {'sgt' if is_signed else 'ne'}, {b}, {zero} : {elt}")
        self.emit(f"{result} = scf.if {test} -> {elt} {{")
        self.indent += 1
        quotient = self.value(f"arith.{op} {a}, {b} : {elt}")
        self.emit(f"scf.yield {quotient} : {elt}")
        self.indent -= 1
        self.emit("} else {")
        self.emit(f"  scf.yield {a} : {elt}")
        self.emit("}")
        return result

    # -- Statements ------------------------------------------------------------

    def host_arithmetic(self):
        elt = self.choose(SCALARS + ("f64", "f32", "i32"))
        operands = [self.scalar(elt) for _ in range(3)]
        for _ in range(self.random.randint(1, 4)):
            operands.append(self.expression(operands, elt, on_host=True))
        self.add_scalar(operands[-1], elt)

    def condition(self):
        """A comparison on the host; where sums of floats are not exact, with a
        constant that they seldom come near."""
        elt = self.choose(("f32", "f64", "f32", "f64", "f16", "bf16", "i32", "i64",
                           "i8", "i1", "index"))
        if self.scalars and self.chance(0.5):
            elt = self.choose(self.scalars[-4:])[1]
        a = self.scalar(elt)
        if elt == "i1":
            result = a
        elif self.is_exact and self.chance(0.5):
            result = self.compare(a, self.scalar(elt), elt)
        else:
            result = self.compare(a, self.constant(elt), elt)
        if self.chance(0.15):
            op = self.choose(("andi", "ori", "xori"))
            result = self.value(f"arith.{op} {result}, {self.scalar('i1')} : i1")
        return result

    def index_below(self, extent):
        """An index from 0 to `extent` - 1, often a value of the host."""
        if extent == 1 or self.chance(0.4):
            return self.index(self.random.randrange(extent))
        limit = self.index(extent)
        return self.value(f"arith.remui {self.scalar('index')}, {limit} : index")
