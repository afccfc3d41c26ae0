using System.Globalization;
using HallOps.Core.Halls;

namespace HallOps.Displays.Texts;

/// <summary>Why a holder is where they are, in a plain sentence or two.</summary>
public static class ExplanationTexts
{
    public static TextFile File { get; } = new("Explanation");

    public static Text Of(Explanation why) => why.Kind switch
    {
        ExplanationKind.Issued => Issued,
        ExplanationKind.Waiting => Waiting(why),
        ExplanationKind.NoWindow => why.At is { } opens ? NoWindowUntil.With(why.Ahead, Time(opens)) : NoWindow.With(why.Ahead),
        ExplanationKind.Over => why.At is { } next ? OverUntil.With(When.Day(next), Time(next)) : Over,
        ExplanationKind.Suspended => why.At is { } until ? SuspendedUntil.With(Time(until)) : Suspended,
        ExplanationKind.NextAtWindow => NextAtWindow.With(why.Window),
        ExplanationKind.NextAnywhere => NextAnywhere,
        ExplanationKind.Called => Called.With(why.Window),
        ExplanationKind.Serving => Serving.With(why.Window),
        ExplanationKind.Held => Held.With(why.Window),
        ExplanationKind.HeldByLine => HeldByLine,
        ExplanationKind.Away => Away.With(Time(why.At!.Value)),
        ExplanationKind.Missed => Missed.With(Time(why.At!.Value), why.Window),
        ExplanationKind.MissedTooLong => MissedTooLong,
        _ => throw new ArgumentOutOfRangeException(nameof(why), why.Kind, "Nothing is known to say."),
    };

    private static Text Waiting(Explanation why)
    {
        var ahead = why.Ahead == 0 ? Nobody : why.Ahead == 1 ? One : Many.With(why.Ahead);
        if (why.Overtaken == 0) return ahead;
        var passed = why.At is null ? PassedEarlier : (why.Overtaken, why.AtMost) switch
        {
            (1, 0) => PassedOneNone,
            (1, _) => PassedOne,
            (_, 0) => PassedManyNone,
            _ => PassedMany,
        };
        var time = why.At is { } at ? Time(at) : "";
        var by = why.By ?? AnyVisitor;
        return new Text(
            ahead.Zh + string.Format(CultureInfo.InvariantCulture, passed.Zh, time, by.Zh, why.AtMost, why.Overtaken),
            ahead.En + " " + string.Format(CultureInfo.InvariantCulture, passed.En!, time, by.En ?? by.Zh, why.AtMost, why.Overtaken));
    }

    private static string Time(DateTimeOffset at) => at.ToString("HH:mm", CultureInfo.InvariantCulture);

    public static Text Issued => File.Of();
    public static Text Nobody => File.Of();
    public static Text One => File.Of();
    public static Text Many => File.Of();
    public static Text PassedOne => File.Of();
    public static Text PassedOneNone => File.Of();
    public static Text PassedMany => File.Of();
    public static Text PassedManyNone => File.Of();
    public static Text PassedEarlier => File.Of();
    public static Text AnyVisitor => File.Of();
    public static Text NoWindow => File.Of();
    public static Text NoWindowUntil => File.Of();
    public static Text Over => File.Of();
    public static Text OverUntil => File.Of();
    public static Text Suspended => File.Of();
    public static Text SuspendedUntil => File.Of();
    public static Text NextAtWindow => File.Of();
    public static Text NextAnywhere => File.Of();
    public static Text Called => File.Of();
    public static Text Serving => File.Of();
    public static Text Held => File.Of();
    public static Text HeldByLine => File.Of();
    public static Text Away => File.Of();
    public static Text Missed => File.Of();
    public static Text MissedTooLong => File.Of();
}
