namespace HallOps.Simulation.Tests;

/// <summary>An invariant of QUALITY.md that does not hold.</summary>
public sealed class LawBrokenException : Exception
{
    public LawBrokenException() { }
    public LawBrokenException(string message) : base(message) { }
    public LawBrokenException(string message, Exception inner) : base(message, inner) { }
}

internal static class Law
{
    public static void Holds(bool holds, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(holds))] Broken message)
    {
        if (!holds) throw new LawBrokenException(message.ToString());
    }

    /// <summary>Makes the sentence only where the law is broken: a million checks a run would be a million strings.</summary>
    [System.Runtime.CompilerServices.InterpolatedStringHandler]
    public readonly ref struct Broken
    {
        private readonly System.Text.StringBuilder? _text;

        public Broken(int literalLength, int formattedCount, bool holds, out bool append)
        {
            append = !holds;
            _text = holds ? null : new System.Text.StringBuilder(literalLength + 16 * formattedCount);
        }

        public void AppendLiteral(string text) => _text!.Append(text);
        public void AppendFormatted<T>(T value) => _text!.Append(value?.ToString());
        public override string ToString() => _text?.ToString() ?? "";
    }
}
