/**
 * What can be asked of a cluster: transport actions, whose names are the privileges to ask. {@code
 * cluster:monitor/semlux/*} is to use and to look, {@code cluster:admin/semlux/*} to manage. Each
 * class holds an action's name, request, response and the code that answers it.
 */
package org.semlux.plugin.action;
