using System.Globalization;

namespace HallOps.Web.Tickets;

/// <summary>Checks of what identifies people, before it is exchanged: an 18-digit citizen's ID number (GB 11643-1999) and a telephone number (E.164).</summary>
public static class PersonalNumbers
{
    // GB 11643-1999 takes its check digit from ISO 7064 MOD 11-2: weights 2^(17-i) mod 11.
    private static ReadOnlySpan<byte> Weights => [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    private const string CheckDigits = "10X98765432";

    /// <summary>Digits of the longest telephone number (E.164).</summary>
    public const int LongestPhone = 15;

    /// <summary>
    /// Reads an ID number: blanks around it do not count, a small x is a capital one. False when its form, its date of birth or its check digit is wrong, or it is
    /// of somebody not born by <paramref name="today"/>.
    /// </summary>
    /// <param name="age">Full years on <paramref name="today"/>.</param>
    public static bool TryIdNumber(string text, DateOnly today, out string number, out int age)
    {
        number = text.Trim().ToUpperInvariant();
        age = 0;
        if (number.Length != 18) return false;
        var sum = 0;
        for (var i = 0; i < 17; i++)
        {
            if (!char.IsAsciiDigit(number[i])) return false;
            sum += (number[i] - '0') * Weights[i];
        }
        if (number[17] != CheckDigits[sum % 11]) return false;
        if (!DateOnly.TryParseExact(number.AsSpan(6, 8), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var born) || born > today || born.Year < 1850) return false;
        age = today.Year - born.Year - ((today.Month, today.Day).CompareTo((born.Month, born.Day)) < 0 ? 1 : 0);
        return true;
    }

    /// <summary>Reads a telephone number of 5 to 15 digits, blanks, hyphens and one leading plus not counted.</summary>
    public static bool TryPhone(string text, out string number)
    {
        number = string.Concat(text.Where(c => c is not (' ' or '-')));
        if (number.StartsWith('+')) number = number[1..];
        return number.Length is >= 5 and <= LongestPhone && number.All(char.IsAsciiDigit);
    }
}
