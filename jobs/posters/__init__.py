"""Which posters a job makes: templates, audiences, and the variants that come of both. How they are painted is
pipeline/poster's matter."""
