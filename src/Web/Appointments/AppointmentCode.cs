using System.Security.Cryptography;

namespace HallOps.Web.Appointments;

/// <summary>
/// The key to an appointment: eight letters and digits that nobody mistakes for one another, in print or on the telephone. 31 to the 8th is 8.5 × 10^11: at 20 tries a minute
/// an address finds one of ten thousand in some eight years.
/// </summary>
public static class AppointmentCode
{
    private const string Signs = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    private const int Length = 8;

    public static string Draw() => RandomNumberGenerator.GetString(Signs, Length);

    /// <summary>Reads a code as people type it: small letters, blanks and hyphens do not count. False for what is none.</summary>
    public static bool TryRead(string text, out string code)
    {
        code = text.Length > 4 * Length ? "" : string.Concat(text.Where(c => c is not (' ' or '-'))).ToUpperInvariant();
        return code.Length == Length && code.All(Signs.Contains);
    }
}
