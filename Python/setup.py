"""Tags a wheel that carries the program for its platform; without the program the wheel suits all."""

from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

carries_program = (Path(__file__).parent / "src/weft/bin/weft").exists()


class PlatformDistribution(Distribution):
    """Lies among the packages of one platform."""

    def has_ext_modules(self):
        return carries_program


class PlatformWheel(bdist_wheel):
    """The program is of one platform, but the package is of every Python."""

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return ("py3", "none", platform) if carries_program else (python, abi, platform)


setup(distclass=PlatformDistribution, cmdclass={"bdist_wheel": PlatformWheel})
