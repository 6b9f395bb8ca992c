"""Who suits which job: pure scoring, and the ties between a worker and an employer."""
