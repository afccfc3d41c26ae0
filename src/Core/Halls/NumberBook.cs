using System.Runtime.InteropServices;

namespace HallOps.Core.Halls;

/// <summary>
/// The ordinals of a day's tickets by what screens show: a prefix and digits that count up from 1. A slot each does: no text is hashed to its end, and a number takes four bytes where a dictionary takes
/// some thirty, in an array so large that the collector keeps it apart and looks through all of memory once enough of them came and went.
/// </summary>
internal sealed class NumberBook
{
    // Far above what a hall gives out in a day: more is no number of ours, and must not ask for gigabytes.
    private const int MaxCount = 10_000_000;

    private readonly Dictionary<string, Column> _columns = new(StringComparer.Ordinal);

    /// <summary>The ordinal before the first one of the day.</summary>
    private long _origin;

    /// <param name="ordinal">Above all that were added since the book was empty.</param>
    /// <returns>What the number's digits count.</returns>
    /// <exception cref="InvalidOperationException">The number is out already, or does not end with digits: a broken invariant.</exception>
    public int Add(string number, long ordinal)
    {
        if (!TrySplit(number, out var prefix, out var count)) throw new InvalidOperationException($"{number} is no number of a hall.");
        if (_columns.Count == 0) _origin = ordinal - 1;
        ref var column = ref CollectionsMarshal.GetValueRefOrAddDefault(_columns.GetAlternateLookup<ReadOnlySpan<char>>(), prefix, out _);
        column ??= new Column();
        if (column.At(count) != 0) throw new InvalidOperationException($"Number {number} is out already.");
        column.Set(count, checked((int)(ordinal - _origin)));
        return count;
    }

    /// <summary>The number of a prefix and a count, of three digits at least.</summary>
    public static string Write(string prefix, int count)
    {
        var digits = 3;
        for (var rest = count / 1000; rest > 0; rest /= 10) digits++;
        return string.Create(prefix.Length + digits, (prefix, count), static (to, number) =>
        {
            number.prefix.CopyTo(to);
            for (var (i, rest) = (to.Length - 1, number.count); i >= number.prefix.Length; i--, rest /= 10) to[i] = (char)('0' + rest % 10);
        });
    }

    public bool Contains(string prefix, int count) => _columns.TryGetValue(prefix, out var column) && column.At(count) != 0;

    /// <summary>The ordinal of a number; null where it is not out. Zeros before the digits make no difference: <c>A1</c> finds <c>A001</c>.</summary>
    public long? Find(string number) =>
        TrySplit(number, out var prefix, out var count) && _columns.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(prefix, out var column) && column.At(count) is var at and not 0 ? _origin + at : null;

    public void Clear() => _columns.Clear();

    /// <summary>Takes over what another book has; this one is empty.</summary>
    public void CopyFrom(NumberBook other)
    {
        _origin = other._origin;
        foreach (var (prefix, column) in other._columns) _columns.Add(prefix, column.Copy());
    }

    private static bool TrySplit(string number, out ReadOnlySpan<char> prefix, out int count)
    {
        var digits = number.Length;
        while (digits > 0 && char.IsAsciiDigit(number[digits - 1])) digits--;
        prefix = number.AsSpan(0, digits);
        count = 0;
        for (var i = digits; i < number.Length && count <= MaxCount; i++) count = count * 10 + (number[i] - '0');
        return digits < number.Length && count <= MaxCount;
    }

    /// <summary>The numbers of one prefix: how far from the day's first ordinal each is, counted from 1; 0 where it is not out.</summary>
    private sealed class Column
    {
        // A quiet hall gives out no more in a day.
        private int[] _slots = new int[32];

        public int At(int count) => (uint)count < (uint)_slots.Length ? _slots[count] : 0;

        public void Set(int count, int at)
        {
            if (count >= _slots.Length) Array.Resize(ref _slots, Math.Max(count + 1, _slots.Length * 2));
            _slots[count] = at;
        }

        public Column Copy() => new() { _slots = [.. _slots] };
    }
}
