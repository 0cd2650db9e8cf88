"""Flows and their peers' files for the benchmarks: the same work, written for each."""


def written(lines):
    """A file of about `lines` lines: tasks written out, each with its own needs, in one chain of calls."""
    count = lines // 9
    text = ['kind Text = file "txt"\n']
    for i in range(count):
        text.append(f"""task t{i}(x: Text*, n: Int = {i}) -> y: Text {{
  needs cpus 1, memory {1 + i % 7}GiB, time {5 + i % 50}min
  retry 2 on failed, node_lost
  sh \"\"\"
    cat @{{x}} /dev/null > @{{y}}
    echo @{{n}} >> @{{y}}
  \"\"\"
}}
""")
    text.append("flow chain {\n")
    for i in range(count):
        before = f"a{i - 1}" if i else "[]"
        text.append(f"  a{i} = t{i}({before}, n: {i})\n")
    text.append("}\n")
    return "".join(text)


def tasks(count):
    """`count` written-out tasks in chains of ten."""
    text = ['kind Text = file "txt"\n']
    for i in range(count):
        text.append(f'task t{i}(x: Text*) -> y: Text {{ needs cpus 1, memory 1GiB, time 10min  sh "cat @{{x}} /dev/null > @{{y}}" }}\n')
    text.append("flow tasks {\n")
    for i in range(count):
        before = f"a{i - 1}" if i % 10 else "[]"
        text.append(f"  a{i} = t{i}({before})\n")
    text.append("}\n")
    return "".join(text)


def sweep(count):
    """Two families of `count` instances, the second reading the first index by index."""
    return f"""kind Text = file "txt"
task make(n: Int) -> text: Text {{ needs cpus 1, memory 1GiB, time 10min  sh "echo @{{n}} > @{{text}}" }}
task again(x: Text) -> text: Text {{ needs cpus 1, memory 1GiB, time 10min  sh "cp @{{x}} @{{text}}" }}
flow sweep {{
  for n in 1 .. {count} {{
    a = make(n)
    b = again(a)
  }}
}}
"""


def snakefile(count):
    """The same sweep for snakemake."""
    return f"""N = range(1, {count} + 1)

rule all:
    input:
        expand("b/{{n}}.txt", n=N),

rule first:
    output:
        "a/{{n}}.txt",
    shell:
        "echo {{wildcards.n}} > {{output}}"

rule second:
    input:
        "a/{{n}}.txt",
    output:
        "b/{{n}}.txt",
    shell:
        "cp {{input}} {{output}}"
"""


def touches(count):
    """`count` tasks that each write one file."""
    return f"""kind Text = file "txt"
task write(n: Int) -> text: Text {{ needs cpus 1, memory 32MiB, time 10min  sh "touch @{{text}}" }}
flow touches {{ for n in 1 .. {count} {{ a = write(n) }} }}
"""


def ninjafile(count):
    """The same for ninja."""
    rows = ["rule touch\n  command = touch $out\n"]
    rows += [f"build out/{n}.txt: touch\n" for n in range(1, count + 1)]
    return "".join(rows)


def three(count):
    """Three families of `count` instances, each reading the one before index by index."""
    return f"""kind Text = file "txt"
task make(n: Int) -> text: Text {{ needs cpus 1, memory 100MiB, time 10min  sh "echo @{{n}} > @{{text}}" }}
task again(x: Text) -> text: Text {{ needs cpus 1, memory 100MiB, time 10min  sh "cp @{{x}} @{{text}}" }}
flow three {{
  for n in 1 .. {count} {{
    a = make(n)
    b = again(a)
    c = again(b)
  }}
}}
"""


def snakefile_three(count):
    """The same for snakemake."""
    rules = "".join(f"""
rule {name}:
    input:
        "{before}/{{n}}.txt",
    output:
        "{name}/{{n}}.txt",
    resources:
        mem_mb=100,
        runtime=10,
    shell:
        "cp {{input}} {{output}}"
""" for before, name in (("a", "b"), ("b", "c")))
    return f"""N = range(1, {count} + 1)

rule all:
    input:
        expand("c/{{n}}.txt", n=N),

rule a:
    output:
        "a/{{n}}.txt",
    resources:
        mem_mb=100,
        runtime=10,
    shell:
        "echo {{wildcards.n}} > {{output}}"
{rules}"""
