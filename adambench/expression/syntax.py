"""The language, as `adambench show expressions` tells it."""

from __future__ import annotations

SYNTAX = """\
An expression is what NumPy users write. Its gradient is exact: reverse mode on its own tree, from which the kernel is
generated; the text itself is never run.

    expression: "sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
    dimension: 10
    start: [-1.2, 1.0]                 # needed, as is dimension (or variables)

vectors     x has n elements, the dimension. + - * / ** and functions work element by element, on equal lengths.
            Slices have constant bounds and steps: x[1:], x[:-1], x[::2], x[::-1]. x[0], x[-1], x[n - 1] are elements.
loops       sum(x[i]**2/(i + 1) for i in range(n - 1)); range(stop), range(start, stop), range(start, stop, step).
            Bounds and indices are whole numbers made of constants, n, len(...), whole parameters and the indices of the
            loops around, with + - * and exact /: x[i + 1], x[n - 1 - i], x[2*i], range(i + 1, n). They must lie within
            the vector: in a loop, x[-1] is not the last element. Several for, or a sum within a sum, are nested loops;
            mean with several is that of all their turns, so none of their bounds may depend on another of them.
reductions  sum mean prod max min logsumexp, of a vector or a loop; max(a, b, ...) and min(a, b, ...) element by element
functions   exp log sqrt sin cos tan asin acos atan sinh cosh tanh log1p expm1 abs sign floor sigmoid softplus
choices     where(a < b, then, otherwise), with one of < <= > >= == !=
constants   decimal numbers, pi, e, n

variables:  [x, y]                     # names of the coordinates instead of the vector x; then "(x**2 + y - 11)**2"
parameters: {c: 0.5, h: [1, 2, 3]}     # numbers and vectors
let:        {r: "sqrt(x**2 + y**2)"}   # named parts, numbers or vectors, each of what stands before it
data:       {A: [[1, 2], [3, 4]], b: {file: b.csv}}   # one or two dimensions: inline, or .npy or .csv beside the file
            A[k, i] is a number, A[k] and A[:, i] are vectors, len(A) is its rows.
stochastic: {over: k, batch: 32}       # makes minibatches of the loop `for k in range(...)` of the outermost sums and
            means; the order of the rows is drawn anew each epoch, and the last, shorter batch is kept. Each gradient is
            an unbiased estimate of the full one, so the loss must be linear in those sums. For instance:

    expression: "mean(softplus(-b[k]*sum(A[k]*x)) for k in range(len(b))) + 0.5*l2*sum(x**2)"

numbers     float64 throughout, IEEE: log(x) at -1 is nan and 1/x at 0 infinite, which a run reports as divergence.
            Constants are folded in float64 and must be finite; where may guard what parameters and data make of them.
            Whole powers up to 64 are products.
slopes      Where there are several, one of them: abs 0 at 0, max and min that of the first; sqrt at 0 has 0.
limits      4,096 characters, 64 levels, 2,000 operations, 8 loops in one another, 1,000,000 turns of a loop (or as many
            as the vector or the data have), 1,000,000,000 operations an evaluation, 50,000,000 numbers kept in it.
            Every name that is declared has to be used.
not in it   attributes, text, lists, conditions in loops, and or not, // % @, keyword arguments, slices with bounds that
            depend on a loop, anything with a state
"""
