"""MRC images, stacks and volumes, and what stands beside them."""
