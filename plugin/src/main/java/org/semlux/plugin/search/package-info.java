/**
 * The search that queries, retrievers and rescorers work for: its task, its deadline, how deep it
 * may nest, and the one reason that its user reads when it fails.
 */
package org.semlux.plugin.search;
