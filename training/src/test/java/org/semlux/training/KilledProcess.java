package org.semlux.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.Method;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.LaunchingConnector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.VMStartEvent;
import com.sun.jdi.request.ClassPrepareRequest;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process that ends by SIGKILL at a chosen step: a debugger stops it there. */
public final class KilledProcess {
  private KilledProcess() {}

  /**
   * Runs a class's {@code main} and kills the process before it enters a method of {@link Files}.
   *
   * @param method its name; of several that with the most parameters, which the others call
   * @param time the how many-th call of it, from 1
   */
  public static void run(String method, int time, Class<?> main, String... arguments)
      throws Exception {
    LaunchingConnector launcher = Bootstrap.virtualMachineManager().defaultConnector();
    Map<String, Connector.Argument> options = launcher.defaultArguments();
    String path = System.getProperty("java.class.path");
    options
        .get("options")
        .setValue("-Xmx256m -cp " + quoted(System.getProperty("surefire.test.class.path", path)));
    options
        .get("main")
        .setValue(
            Stream.concat(
                    Stream.of(main.getName()), Stream.of(arguments).map(KilledProcess::quoted))
                .collect(Collectors.joining(" ")));
    VirtualMachine machine = launcher.launch(options);
    Process process = machine.process();
    try {
      stopBefore(machine, method, time);
    } catch (VMDisconnectedException e) {
      throw new AssertionError(
          "it ended by itself: " + new String(process.getErrorStream().readAllBytes(), UTF_8), e);
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor()).isEqualTo(128 + 9);
  }

  private static String quoted(String word) {
    return '"' + word + '"';
  }

  private static void stopBefore(VirtualMachine machine, String method, int time)
      throws InterruptedException {
    ClassPrepareRequest loaded = machine.eventRequestManager().createClassPrepareRequest();
    loaded.addClassFilter(Files.class.getName());
    loaded.enable();
    int times = 0;
    while (true) {
      EventSet events = machine.eventQueue().remove(60_000);
      assertThat(events).as("a call of Files." + method).isNotNull();
      for (Event event : events) {
        if (event instanceof VMStartEvent) {
          machine.classesByName(Files.class.getName()).forEach(files -> watch(files, method));
        } else if (event instanceof ClassPrepareEvent prepared) {
          watch(prepared.referenceType(), method);
        } else if (event instanceof BreakpointEvent && ++times == time) {
          return;
        }
      }
      events.resume();
    }
  }

  private static void watch(ReferenceType files, String method) {
    Method widest =
        files.methodsByName(method).stream()
            .max(Comparator.comparing(it -> it.argumentTypeNames().size()))
            .orElseThrow();
    files
        .virtualMachine()
        .eventRequestManager()
        .createBreakpointRequest(widest.location())
        .enable();
  }
}
