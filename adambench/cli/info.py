"""adambench info"""

from __future__ import annotations

import click

from adambench.version import VERSION


@click.command("info")
def command() -> int:
    """Versions, processor, cache folder."""
    from adambench.engine.cache import folder, folder_name
    from adambench.pool import cores
    from adambench.report import environment

    place = folder()
    kept = list(place.iterdir()) if place else []
    size = sum(file.stat().st_size for file in kept)
    found = environment(cores())
    for name, value in {
        "adambench": VERSION,
        "python": found["python"],
        "numpy": found["numpy"],
        "numba": found["numba"],
        "platform": found["platform"],
        "processor": f"{found['cpu']}, {found['jobs']} usable",
        "kernel cache": f"{folder_name()}: {len(kept)} kernels, {size / 1e6:.1f} MB" if place else "none (not usable)",
    }.items():
        click.echo(f"{name:<13} {value}")
    return 0
