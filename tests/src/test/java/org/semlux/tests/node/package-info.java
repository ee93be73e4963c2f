/** A real node for tests: started once through {@code plugin/node.sh}, spoken to over HTTP. */
package org.semlux.tests.node;
