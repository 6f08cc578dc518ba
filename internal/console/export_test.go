package console

// Patterns are those that a desk serves.
func (c *Console) Patterns() []string { return c.patterns }
