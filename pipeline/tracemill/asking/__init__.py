"""Teachers, the strategies by which they are asked, and the rollouts that ask and judge."""
