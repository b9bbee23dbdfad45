package dev.interdict.jobs;

import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Type information of a class with a serializer of its own, so that Flink never reflects on it. */
public final class ImmutableType<T> extends TypeInformation<T> {
  private final Class<T> type;
  private final TypeSerializer<T> serializer;
  private final boolean key;

  private ImmutableType(Class<T> type, TypeSerializer<T> serializer, boolean key) {
    this.type = type;
    this.serializer = serializer;
    this.key = key;
  }

  public static <T> ImmutableType<T> of(Class<T> type, TypeSerializer<T> serializer) {
    return new ImmutableType<>(type, serializer, false);
  }

  /** For a class whose hash code is the same in every process. */
  public static <T> ImmutableType<T> key(Class<T> type, TypeSerializer<T> serializer) {
    return new ImmutableType<>(type, serializer, true);
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return serializer;
  }

  @Override
  public Class<T> getTypeClass() {
    return type;
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public boolean isKeyType() {
    return key;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof ImmutableType;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImmutableType<?> that
        && type.equals(that.type)
        && serializer.equals(that.serializer)
        && key == that.key;
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, key);
  }

  @Override
  public String toString() {
    return type.getSimpleName();
  }
}
