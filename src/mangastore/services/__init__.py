"""The store's services, one module each; a module offers `routes(store)`, the catalogue's offers a gRPC servicer."""
