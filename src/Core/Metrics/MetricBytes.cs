namespace HallOps.Core.Metrics;

/// <summary>Whole numbers from 0 on as bytes of seven bits, the lowest first: most counts are one byte.</summary>
internal static class MetricBytes
{
    public sealed class Writer
    {
        private readonly List<byte> _bytes = new(256);

        public void Number(long value)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            for (; value > 0x7f; value >>= 7) _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }

        public byte[] ToArray() => [.. _bytes];
    }

    public ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public readonly bool IsAtEnd => _left.IsEmpty;

        /// <exception cref="FormatException">No number begins here.</exception>
        public long Number()
        {
            var value = 0L;
            for (var shift = 0; shift < 63; shift += 7)
            {
                if (_left.IsEmpty) break;
                var next = _left[0];
                _left = _left[1..];
                value |= (long)(next & 0x7f) << shift;
                if (next < 0x80) return value;
            }
            throw new FormatException("Figures end in the middle of a number");
        }
    }
}
