package api

func (s *server) referenceRoutes() error { return nil }
