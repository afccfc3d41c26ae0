using HallOps.Core.Halls;
using HallOps.Displays.Texts;

namespace HallOps.Displays.Components;

/// <summary>What the outcomes of a service are called, in the order of their keys, 1 to 9.</summary>
public static class OutcomeWords
{
    /// <summary>The word on the wire and the text.</summary>
    public static IReadOnlyList<(string Outcome, Text Text)> All { get; } =
    [
        ("done", CounterTexts.OutcomeDone),
        ("accepted", CounterTexts.OutcomeAccepted),
        ("toldOnce", CounterTexts.OutcomeToldOnce),
        ("refused", CounterTexts.OutcomeRefused),
        ("advice", CounterTexts.OutcomeAdvice),
        ("referred", CounterTexts.OutcomeReferred),
        ("collected", CounterTexts.OutcomeCollected),
        ("paid", CounterTexts.OutcomePaid),
        ("left", CounterTexts.OutcomeLeft),
    ];
}

/// <summary>The stages of a matter, in the order of their digits, 1 to 8.</summary>
public static class StageWords
{
    /// <summary>The word on the wire and the text.</summary>
    public static IReadOnlyList<(string Stage, Text Text)> All { get; } =
    [
        ("consultation", CounterTexts.StageConsultation),
        ("receipt", CounterTexts.StageReceipt),
        ("review", CounterTexts.StageReview),
        ("acceptance", CounterTexts.StageAcceptance),
        ("processing", CounterTexts.StageProcessing),
        ("payment", CounterTexts.StagePayment),
        ("completion", CounterTexts.StageCompletion),
        ("rating", CounterTexts.StageRating),
    ];
}

/// <summary>Why people pause a window, in the order of their keys, 1 to 7.</summary>
public static class PauseWords
{
    /// <summary>The word on the wire and the text. The timeline's own pause is nobody's to choose.</summary>
    public static IReadOnlyList<(string Reason, Text Text)> All { get; } =
    [
        ("break", CounterTexts.Break),
        ("meal", CounterTexts.Meal),
        ("meeting", CounterTexts.Meeting),
        ("errand", CounterTexts.Errand),
        ("handover", CounterTexts.Handover),
        ("equipment", CounterTexts.Equipment),
        ("other", CounterTexts.Other),
    ];
}
