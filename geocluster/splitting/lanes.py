"""How are sixteen draws added as one?

numba compiles a loop over sixteen columns one by one, or with more ado than work. So the sum over
the neighbours of a row is written as vectors of sixteen numbers, in the language below it (LLVM).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from geocluster.splitting.loops import WIDTH


def _writer(*, square: bool) -> Any:
    """Give what writes v_i Σ w v_j, or Σ w (v_i - v_j)², over the edges of a run, for sixteen draws at once."""

    def write(context, builder, signature, args):  # type: ignore[no-untyped-def]
        whole, real = ir.IntType(64), ir.FloatType()
        vector = ir.VectorType(real, WIDTH)
        data = [
            context.make_array(signature.args[at])(context, builder, args[at]).data for at in (0, 1, 2, 6)
        ]  # fmt: skip
        values, ids, weights, sums = data
        low, high, own, slot = args[3], args[4], args[5], args[7]

        def row(place: Any) -> Any:
            at = builder.gep(values, [builder.mul(place, ir.Constant(whole, WIDTH))])
            return builder.load(builder.bitcast(at, vector.as_pointer()), align=4)

        mine = row(own)
        before = builder.basic_block
        head, body, after = (builder.append_basic_block(name) for name in ("edges", "edge", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        edge, near = builder.phi(whole), builder.phi(vector)
        edge.add_incoming(low, before)
        near.add_incoming(ir.Constant(vector, [0.0] * WIDTH), before)
        builder.cbranch(builder.icmp_signed("<", edge, high), body, after)
        builder.position_at_end(body)
        place = builder.sext(builder.load(builder.gep(ids, [edge])), whole)
        one = builder.fptrunc(builder.load(builder.gep(weights, [edge])), real)
        alone = builder.insert_element(ir.Constant(vector, ir.Undefined), one, ir.Constant(ir.IntType(32), 0))
        every = ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
        spread = builder.shuffle_vector(alone, ir.Constant(vector, ir.Undefined), every)
        term = row(place)
        if square:
            step = builder.fsub(mine, term)
            term = builder.fmul(step, step)
        more = builder.fadd(near, builder.fmul(spread, term, flags=("contract",)), flags=("contract",))
        edge.add_incoming(builder.add(edge, ir.Constant(whole, 1)), body)
        near.add_incoming(more, body)
        builder.branch(head)
        builder.position_at_end(after)
        wide = ir.VectorType(ir.DoubleType(), WIDTH)
        found = builder.fpext(near, wide)
        if not square:
            found = builder.fmul(builder.fpext(mine, wide), found)
        at = builder.gep(sums, [builder.mul(slot, ir.Constant(whole, WIDTH))])
        at = builder.bitcast(at, wide.as_pointer())
        builder.store(builder.fadd(builder.load(at, align=8), found), at, align=8)
        return context.get_dummy_value()

    return write


def _signature(block: Any, neighbour: Any, weight: Any, total: Any) -> Any:
    whole = types.int64
    return types.void(block, neighbour, weight, whole, whole, whole, total, whole)


@intrinsic
def _add_products(typing_context, block, neighbour, weight, low, high, own, total, slot):  # type: ignore[no-untyped-def] # noqa: ARG001
    """Add the run from edge low to high of the place own to total[slot]; arrays are in C order."""
    return _signature(block, neighbour, weight, total), _writer(square=False)


@intrinsic
def _add_squares(typing_context, block, neighbour, weight, low, high, own, total, slot):  # type: ignore[no-untyped-def] # noqa: ARG001
    """Do the same with squared differences."""
    return _signature(block, neighbour, weight, total), _writer(square=True)


@njit(cache=True, nogil=True)
def product(of_run, first, neighbour, weight, slot, block, total):  # type: ignore[no-untyped-def]
    """Add Σ w v_i v_j over the runs: the edges of a place that share a slot.

    `block` (places, 16) of float32, `neighbour` of int32, `weight` of float64, `total` (slots, 16) of float64.
    """
    for r in range(len(of_run)):
        _add_products(block, neighbour, weight, first[r], first[r + 1], np.int64(of_run[r]), total, np.int64(slot[r]))


@njit(cache=True, nogil=True)
def square(of_run, first, neighbour, weight, slot, block, total):  # type: ignore[no-untyped-def]
    """Add Σ w (v_i - v_j)² over the runs."""
    for r in range(len(of_run)):
        _add_squares(block, neighbour, weight, first[r], first[r + 1], np.int64(of_run[r]), total, np.int64(slot[r]))
