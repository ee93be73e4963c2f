package org.semlux.encoders.program;

import ai.djl.pytorch.jni.IValue;
import java.util.List;
import org.semlux.encoders.program.Parameter.Role;

/** The form that a program's matrix products take their weights in. */
public interface ProductForm {
  /** Packed, in the program's precision: fragment {@code token-products}. */
  ProductForm PACKED =
      new ProductForm() {
        @Override
        public String fragment() {
          return "token-products";
        }

        @Override
        public int companions() {
          return 0;
        }

        @Override
        public List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope) {
          IValue role = scope.own(IValue.from(Role.LINEAR.toString()));
          return List.of(scope.own(program.run("prepare", parts, role)));
        }
      };

  /** The program fragment whose products take this form, without its ending. */
  String fragment();

  /** Tensors that a product has beside its weight. */
  int companions();

  /**
   * A product's weight and its companions.
   *
   * @param parts the stored tensors {@code [out, in]}, to be joined along out
   * @param place of the weight in the program's list
   * @param scope owns them
   */
  List<IValue> prepare(Program program, IValue parts, int place, NativeScope scope);

  /** What the fragment {@code weights} is to make of a parameter that is no product's weight. */
  default String role(Role role) {
    return (role == Role.TABLE ? Role.PLAIN : role).toString();
  }
}
