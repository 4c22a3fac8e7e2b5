// RUN: graph-opt --pack-entry-points --split-input-file --verify-diagnostics %s

// Tests that the context can not reach a function by its address.
cudagraph.graph @g() {
}
// expected-error @+1 {{@launches launches graphs and so takes the runtime's context, which its users by address can not pass}}
func.func private @launches() {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers()
  return
}
func.func private @take(() -> ())
func.func @main() {
  // expected-note @+1 {{the address is taken here}}
  %f = constant @launches : () -> ()
  call @take(%f) : (() -> ()) -> ()
  return
}

// -----

// expected-error @+1 {{symbol @graphopt_entry_f is needed for the entry point of @f}}
func.func private @graphopt_entry_f()
func.func @f() {
  return
}

// -----

// expected-error @+1 {{symbol @goContextTakeStatus is a function of the graph runtime; the program must not use its name}}
func.func private @goContextTakeStatus(f32)
func.func @f() {
  return
}
