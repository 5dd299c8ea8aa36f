"""The test problems of More, Garbow & Hillstrom (ACM TOMS 7(1), 1981), written as problem files, starts included.

By the names of CUTEst; data as there. `NUMBERS` are those of the paper; `ARGUMENTS` make the oracle's problem small;
`STARTS` are the losses at x_0, where they are known from elsewhere.
"""

from __future__ import annotations

PROBLEMS = {
    "ROSENBR": """
        variables: [x, y]
        expression: 100*(y - x**2)**2 + (1 - x)**2
        start: [-1.2, 1.0]""",
    "FREUROTH": """
        dimension: 10
        expression: >-
          sum((x[i] - 2*x[i+1] + (5 - x[i+1])*x[i+1]**2 - 13)**2
          + (x[i] - 14*x[i+1] + (1 + x[i+1])*x[i+1]**2 - 29)**2 for i in range(n - 1))
        start: [0.5, -2, 0, 0, 0, 0, 0, 0, 0, 0]""",
    "POWELLBS": """
        variables: [x, y]
        expression: (1e4*x*y - 1)**2 + (exp(-x) + exp(-y) - 1.0001)**2
        start: [0, 1]""",
    "BROWNBS": """
        variables: [x, y]
        expression: (x - 1e6)**2 + (y - 2e-6)**2 + (x*y - 2)**2
        start: [1, 1]""",
    "BEALE": """
        variables: [x, y]
        data: {b: [1.5, 2.25, 2.625]}
        expression: sum((b[i] - x*(1 - y**(i + 1)))**2 for i in range(3))
        start: [1, 1]""",
    "JENSMP": """
        dimension: 2
        expression: sum((2 + 2*i - (exp(i*x[0]) + exp(i*x[1])))**2 for i in range(1, 11))
        start: [0.3, 0.4]""",
    "HELIX": """
        variables: [x, y, z]
        let:
          angle: "atan(y/x) + where(x < 0, pi, where(y < 0, 2*pi, 0))"
          radius: sqrt(x**2 + y**2)
        expression: (10*(z - 10*angle/(2*pi)))**2 + (10*(radius - 1))**2 + z**2
        start: [-1, 0, 0]""",
    "BARD": """
        dimension: 3
        data: {b: [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39]}
        expression: >-
          sum((b[i] - (x[0] + (i + 1)/((15 - i)*x[1] + min(i + 1, 15 - i)*x[2])))**2 for i in range(len(b)))
        start: [1, 1, 1]""",
    "GAUSSIAN": """
        dimension: 3
        data:
          b: [9e-4, 0.0044, 0.0175, 0.054, 0.1295, 0.242, 0.3521, 0.3989, 0.3521, 0.242, 0.1295, 0.054, 0.0175, 0.0044,
            9e-4]
        expression: sum((x[0]*exp(-x[1]*((7 - i)/2 - x[2])**2/2) - b[i])**2 for i in range(15))
        start: [0.4, 1, 0]""",
    "MEYER3NE": """
        dimension: 3
        data:
          b: [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872]
        expression: sum((x[0]*exp(x[1]/(45 + 5*(i + 1) + x[2])) - b[i])**2 for i in range(len(b)))
        start: [0.02, 4000, 250]""",
    "GULF": """
        dimension: 3
        expression: >-
          sum((exp(-abs(25 + (-50*log(i/100))**(2/3) - x[1])**x[2]/x[0]) - i/100)**2 for i in range(1, 100))
        start: [5, 2.5, 0.15]""",
    "BOX3": """
        dimension: 3
        let: {step: "0.1"}
        expression: >-
          sum((exp(-i*step*x[0]) - exp(-i*step*x[1]) - x[2]*(exp(-i*step) - exp(-i)))**2 for i in range(1, 11))
        start: [0, 10, 1]""",
    "POWELLSE": """
        dimension: 4
        expression: >-
          (x[0] + 10*x[1])**2 + (5*(x[2] - x[3]))**2 + (x[1] - 2*x[2])**4 + 100*(x[0] - x[3])**4
        start: [3, -1, 0, 1]""",
    "WOODS": """
        dimension: 8
        let: {a: "x[::4]", b: "x[1::4]", c: "x[2::4]", d: "x[3::4]"}
        expression: >-
          sum(100*(b - a**2)**2 + (1 - a)**2 + 90*(d - c**2)**2 + (1 - c)**2
          + 10.1*((b - 1)**2 + (d - 1)**2) + 19.8*(b - 1)*(d - 1))
        start: [-3, -1]""",
    "KOWOSB": """
        dimension: 4
        data:
          b: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
          u: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0624]
        expression: sum((b - x[0]*(u**2 + u*x[1])/(u**2 + u*x[2] + x[3]))**2)
        start: [0.25, 0.39, 0.415, 0.39]""",
    "BROWNDEN": """
        dimension: 4
        expression: >-
          sum(((x[0] + x[1]*i/5 - exp(i/5))**2 + (x[2] + x[3]*sin(i/5) - cos(i/5))**2)**2 for i in range(1, 21))
        start: [25, 5, -5, -1]""",
    "OSBORNEA": """
        dimension: 5
        data:
          b: [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628,
            0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414,
            0.411, 0.406]
        expression: sum((b[i] - (x[0] + x[1]*exp(-10*i*x[3]) + x[2]*exp(-10*i*x[4])))**2 for i in range(33))
        start: [0.5, 1.5, -1, 0.01, 0.02]""",
    "BIGGS6": """
        dimension: 6
        expression: >-
          sum((x[2]*exp(-i/10*x[0]) - x[3]*exp(-i/10*x[1]) + x[5]*exp(-i/10*x[4])
          - (exp(-i/10) - 5*exp(-i) + 3*exp(-4*i/10)))**2 for i in range(1, 14))
        start: [1, 2, 1, 1, 1, 1]""",
    "OSBORNEB": """
        dimension: 11
        data:
          b: [1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616,
            0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495,
            0.5, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672,
            0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71, 0.729, 0.72, 0.636, 0.581,
            0.428, 0.292, 0.162, 0.098, 0.054]
        expression: >-
          sum((b[i] - x[0]*exp(-0.1*(i + 2)*x[4]) - sum(x[1 + j]*exp(-(0.1*(i + 2) - x[8 + j])**2*x[5 + j])
          for j in range(3)))**2 for i in range(len(b)))
        start: [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5]""",
    "WATSON": """
        dimension: 12
        expression: >-
          sum((sum(j*x[j]*(i/29)**(j - 1) for j in range(1, n)) - sum(x[j]*(i/29)**j for j in range(n))**2 - 1)**2
          for i in range(1, 30)) + x[0]**2 + (x[1] - x[0]**2 - 1)**2
        start: [0]""",
    "SROSENBR": """
        dimension: 10
        expression: sum(100*(x[1::2] - x[::2]**2)**2 + (1 - x[::2])**2)
        start: [1.2, 1, 0, 0, 0, 0, 0, 0, 0, 0]""",
    "VARDIM": """
        dimension: 10
        let: {s: "sum((i + 1)*(x[i] - 1) for i in range(n))"}
        expression: sum((x - 1)**2) + s**2 + s**4
        start: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0]""",
    "TRIGON1": """
        dimension: 10
        expression: >-
          sum((sum(cos(x)) + (i + 1)*(cos(x[i]) + sin(x[i])) - (n + i + 1))**2 for i in range(n))
        start: [0.1]""",
    "MOREBVNE": """
        dimension: 10
        let:
          h: 1/(n + 1)
        expression: >-
          (2*x[0] - x[1] + h**2*(x[0] + h + 1)**3/2)**2
          + sum((2*x[i] - x[i-1] - x[i+1] + h**2*(x[i] + (i + 1)*h + 1)**3/2)**2 for i in range(1, n - 1))
          + (2*x[-1] - x[-2] + h**2*(x[-1] + n*h + 1)**3/2)**2
        start: [-0.08]""",
    "ARGLINA": """
        dimension: 10
        parameters: {m: 20}
        let: {s: sum(x)}
        expression: sum((x - 2*s/m - 1)**2) + (m - n)*(2*s/m + 1)**2
        start: [1]""",
    "ARGLINB": """
        dimension: 10
        parameters: {m: 20}
        let: {s: "sum((j + 1)*x[j] for j in range(n))"}
        expression: sum(((i + 1)*s - 1)**2 for i in range(m))
        start: [1]""",
    "CHEBYQADNE": """
        dimension: 8
        let:
          a: 2*x - 1
          b: 2*a*a - 1
          c: 2*a*b - a
          d: 2*a*c - b
          f: 2*a*d - c
          g: 2*a*f - d
          h: 2*a*g - f
          k: 2*a*h - g
        expression: >-
          mean(a)**2 + (mean(b) + 1/3)**2 + mean(c)**2 + (mean(d) + 1/15)**2
          + mean(f)**2 + (mean(g) + 1/35)**2 + mean(h)**2 + (mean(k) + 1/63)**2
        start: [0.11, 0.22, 0.33, 0.44, 0.55, 0.66, 0.77, 0.88]""",
}
NUMBERS = dict(zip(PROBLEMS, [*range(1, 22), 25, 26, 28, 32, 33, 35], strict=True))
ARGUMENTS = {
    "FREUROTH": {"n": 10},
    "WOODS": {"n": 8},
    "SROSENBR": {"n": 10},
    "VARDIM": {"N": 10},
    "MOREBVNE": {"n": 10},
    "ARGLINA": {"n": 10, "m": 20},
    "ARGLINB": {"n": 10, "m": 20},
    "CHEBYQADNE": {"n": 8},
}
STARTS = {
    "ROSENBR": 24.2,
    "BROWNBS": 999998000003.0,
    "BEALE": 14.203125,
    "JENSMP": 4171.30616196,
    "HELIX": 2500.0,
    "BARD": 41.681695861678,
    "GAUSSIAN": 3.888106991166884e-06,
    "BOX3": 1.88456850089,
    "POWELLSE": 1675.0,
    "WOODS": 2 * 19192.0,
    "KOWOSB": 5.313615358192e-3,
    "BROWNDEN": 7926693.336997432,
    "OSBORNEA": 0.8790262935446,
    "BIGGS6": 0.7790700756560,
    "OSBORNEB": 3.165705816764,
    "WATSON": 30.0,
}
