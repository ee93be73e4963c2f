/** The HTTP endpoints, one class each: they read a request and hand it to its action. */
package org.semlux.plugin.rest;
